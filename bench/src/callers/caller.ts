/** A client that acts for itself, under the policy of a role: to the server what a user of that role is who has signed in. */
export interface BenchCaller {
  /** Of its ClientApplication; requests name it so. */
  id: string;
  /** Id of the AccessPolicy. */
  policy: string;
  /** Whom it stands for: what `%patient` and `%profile` of the policy mean. */
  profile: string;
}
