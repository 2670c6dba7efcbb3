/** A running process that load is put on: the server or a floor. */
export interface Target {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

export const LOOPBACK = '127.0.0.1';
