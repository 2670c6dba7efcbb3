/** A frame is of a kind that is not shown, or not what its object tells of it. Its message is for who asks. */
export class NotShownError extends Error {
  override readonly name = 'NotShownError';
}
