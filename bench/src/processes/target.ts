/** Where requests go, and whose they are. */
export interface Place {
  port: number;
  /** Value of the header Authorization; absent: nobody asks for it, as with floors and with servers before sign-in. */
  authorization?: string;
}

/** A running process that load is put on: the server or a floor. */
export interface Target extends Place {
  pid: number;
  /** Values of the header Authorization for requests that are not the administrator's, by the names of their callers. */
  callers?: Readonly<Record<string, string>>;
  /** Where the interface that is asked begins; absent: FHIR_BASE. */
  basePath?: string;
  stop(): Promise<void>;
}

export const LOOPBACK = '127.0.0.1';

/** What a request must carry to be answered there. */
export const headersFor = ({ authorization }: Place): Record<string, string> =>
  authorization === undefined ? {} : { authorization };
