/** An environment variable that the server reads. */
export interface Variable {
  name: string;
  /** What it takes, in words. */
  type: string;
  /** Default as shown to people; '' when unset means off. */
  default: string;
  meaning: string;
}
