/** The bytes are no whole DICOM object. Its message has no value of the object in it. */
export class ObjectError extends Error {
  override readonly name = 'ObjectError';
}
