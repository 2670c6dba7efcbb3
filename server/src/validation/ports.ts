import type { JsonObject } from '../fhir/resource.ts';
import type { Structure } from '../fhir/structures/structure.ts';

/**
 * What a validation may have to ask of others (decision 0027): main.ts wires them. Each may be absent; then the
 * check that needs it is not made.
 */
export interface Ports {
  codes?: CodePort;
  structures?: StructurePort;
  references?: ReferencePort;
  questionnaires?: QuestionnairePort;
}

/** Whether any of some codings is in a value set. */
export interface CodeQuestion {
  /** Canonical, with or without `|version`. */
  valueSet: string;
  /** The value set itself, where it is contained in a resource: then nothing is looked up by its canonical. */
  resource?: JsonObject;
  codings: readonly { system?: string; version?: string; code?: string; display?: string }[];
  /** The element is a bare `code`: its system is that of the value set. */
  systemImplied?: true;
}

export interface CodeAnswer {
  /** `unknown`: the value set, or what it is made of, is not known here. */
  verdict: 'in' | 'out' | 'unknown';
  message?: string;
}

/** Whether a code is another one of its system, or stands above it. */
export interface SubsumptionQuestion {
  system: string;
  version?: string;
  codes: readonly [above: string, below: string];
}

/** What is wrong with a coding by its own code system, or cannot be told. */
export interface CodingFault {
  /** `unchecked`: the code system is not known here. */
  kind: 'code' | 'system' | 'display' | 'unchecked';
  severity: 'error' | 'warning';
  /** In the words of HL7's terminology servers. */
  text: string;
}

export interface CodePort {
  /** The answers, in the order of the questions. */
  answer(questions: readonly CodeQuestion[]): Promise<CodeAnswer[]>;
  /** The faults of each coding, which has a system and a code, by its code system alone; in the order of the codings. */
  faults?(codings: CodeQuestion['codings']): Promise<CodingFault[][]>;
  /** Undefined: the system, or one of the codes, is not known here. */
  subsumes?(question: SubsumptionQuestion): Promise<boolean | undefined>;
}

export interface StructurePort {
  /** The definition with this canonical (`url` or `url|version`); undefined: not known here. */
  structure(canonical: string): Promise<Structure | undefined>;
  /** Counts up when any may have changed. */
  revision(): number;
}

export interface QuestionnairePort {
  /** The Questionnaire with this canonical (`url` or `url|version`); undefined: not known here. */
  questionnaire(canonical: string): Promise<JsonObject | undefined>;
}

export interface ReferencePort {
  /** What absolute references to resources of this server begin with. */
  base?: string;
  /** Which of the resources are there (and not deleted), in their order. */
  existing(references: readonly { type: string; id: string }[]): Promise<boolean[]>;
}
