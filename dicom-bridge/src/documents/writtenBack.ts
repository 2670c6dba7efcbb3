/** Encapsulated PDF Storage (PS3.3 section A.45.1). */
export const ENCAPSULATED_PDF = '1.2.840.10008.5.1.4.1.1.104.1';

/** AE title that reports are noted under: they come from the record itself. */
export const WRITE_BACK_SOURCE = 'WRITE-BACK';

/** Whether it is a report that was written back: nobody waits for further images because of it. */
export const isWrittenBack = (object: { sopClassUid: string; sourceAeTitle: string }): boolean =>
  object.sopClassUid === ENCAPSULATED_PDF && object.sourceAeTitle === WRITE_BACK_SOURCE;
