/** The text is not FHIRPath, or not in the part of it that the reader knows. */
export class PathSyntaxError extends Error {}

/** An expression cannot be evaluated on an input: it asks for one value where there are several, or for another type. */
export class PathEvaluationError extends Error {}

/** Evaluating takes more steps, or makes longer texts, than are allowed. */
export class PathLimitError extends PathEvaluationError {}
