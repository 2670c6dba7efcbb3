/** Before the bytes of a record that are hashed; a change of their form takes another number. */
export const RECORD_FORM = 'maxray audit record 1\n';

/** An empty bigint[] in PostgreSQL's binary form: no dimensions, no NULLs, elements of type 20. */
export const NO_KEYS = Buffer.from('000000000000000000000014', 'hex');

/** SQL of the hash of a row of `audit_record`. Sealing lets PostgreSQL make it; `audit verify` makes it anew from the columns. */
export const RECORD_HASH_SQL = `sha256(convert_to('maxray audit record 1', 'UTF8') || '\\x0a'::bytea
  || int8send(place) || int8send(recorded_ms) || int2send(kind) || int2send(outcome)
  || CASE WHEN version IS NULL THEN '\\x00'::bytea ELSE '\\x01'::bytea END || int4send(coalesce(version, 0))
  || array_send(keys) || convert_to(payload, 'UTF8'))`;
