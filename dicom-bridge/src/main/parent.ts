/**
 * What a program that has started the bridge as its child is told, over Node's channel between them: the server of `DICOM=embedded`. Without a
 * parent nothing is told, and nobody's end is waited for.
 */
export interface ReadyMessage {
  kind: 'ready';
  /** Of the internal API, without a path. */
  apiUrl: string;
  aeTitle: string;
  dicomHost: string;
  /** Where modalities are answered without TLS. */
  dicomPort: number;
}

/** The bridge answers from now on. */
export function tellParent(ready: Omit<ReadyMessage, 'kind'>): void {
  process.send?.({ kind: 'ready', ...ready } satisfies ReadyMessage);
}

/** A bridge without its server would keep the ports that the next one needs. */
export function onParentGone(stop: () => void): void {
  if (process.connected) process.once('disconnect', stop);
}
