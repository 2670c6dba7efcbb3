import { FHIR_BASE } from '../processes/fhirBase.ts';
import { LOOPBACK, type Target } from '../processes/target.ts';

/** Where requests go, and who may send them. */
export interface Addressee {
  host: string;
  port: number;
  /** Path before every request's path. */
  basePath: string;
  /** Value of the header Authorization of requests that name no caller; absent: nobody asks for it. */
  authorization?: string;
  /** The same by the names of callers. */
  callers?: Readonly<Record<string, string>>;
}

/** The interface of a server or floor that is asked. */
export const addresseeOf = ({ port, authorization, callers, basePath = FHIR_BASE }: Target): Addressee => ({
  host: LOOPBACK,
  port,
  basePath,
  ...(authorization !== undefined && { authorization }),
  ...(callers && { callers }),
});
