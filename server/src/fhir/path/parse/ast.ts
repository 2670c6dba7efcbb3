/** A literal of a number keeps its text, so that no digit is lost. */
export type Literal =
  | { type: 'boolean'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'integer' | 'decimal'; text: string }
  /** Without the `@`. */
  | { type: 'date' | 'dateTime' | 'time'; text: string }
  /** `calendar`: the unit is a word (`4 days`) and no code of UCUM (`4 'd'`). */
  | { type: 'quantity'; text: string; unit: string; calendar: boolean };

/** The name of a type, as `Quantity`, `FHIR.Patient` or `System.Boolean`. */
export interface TypeName {
  namespace: string | undefined;
  name: string;
}

export type BinaryOperator =
  | '*'
  | '/'
  | 'div'
  | 'mod'
  | '+'
  | '-'
  | '&'
  | '|'
  | '<'
  | '<='
  | '>'
  | '>='
  | '='
  | '!='
  | '~'
  | '!~'
  | 'in'
  | 'contains'
  | 'and'
  | 'or'
  | 'xor'
  | 'implies';

/**
 * A parsed expression (http://hl7.org/fhirpath/N1/grammar.html). What `of` leaves out starts at the focus; `at` is the
 * place of a name in the text, in characters.
 */
export type Ast =
  | { kind: 'literal'; literal: Literal }
  /** `{}` */
  | { kind: 'empty' }
  | { kind: 'member'; of: Ast | undefined; name: string; at: number }
  | { kind: 'call'; of: Ast | undefined; name: string; args: Ast[]; at: number }
  | { kind: 'item'; of: Ast; index: Ast }
  | { kind: 'external'; name: string; at: number }
  | { kind: 'this' }
  | { kind: 'index' }
  | { kind: 'total' }
  | { kind: 'sign'; operator: '+' | '-'; of: Ast }
  | { kind: 'binary'; operator: BinaryOperator; left: Ast; right: Ast }
  | { kind: 'is' | 'as'; of: Ast; type: TypeName };
