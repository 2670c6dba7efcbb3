import type { SearchParameterDefinition } from '../../../../src/fhir/definitions/types.ts';
import { BASE_MARK } from '../../data/references.ts';
import type { Typed } from '../../evaluate/paths.ts';
import { withoutBase, withoutVersion } from '../../evaluate/pointers.ts';
import { object, text } from '../../evaluate/world.ts';
import { escape, type Source } from '../source.ts';

/** A reference to search by, from a value that a resource has. @param targetType from `:[type]` */
export function referenceText(
  source: Source,
  parameter: SearchParameterDefinition,
  typed: Typed,
  targetType: string | undefined,
): string {
  const { random, context } = source;
  const json = object(typed.value);
  const isCanonical = typed.type !== 'Reference';
  const written = isCanonical ? text(typed.value) : text(json?.reference);
  if (written === undefined || written.startsWith('#')) return anyTarget(source, parameter, targetType);
  const address = withoutBase(context.world, written);
  const bare = withoutVersion({ address, isCanonical });
  const [, type, id] = /^([A-Z]\w*)\/([^/]+)$/.exec(bare) ?? [];
  if (type === undefined || id === undefined) return random.chance(0.5) ? escape(address) : escape(bare);
  const fits = targetType === undefined ? (parameter.target?.includes(type) ?? true) : type === targetType;
  if (!fits) return anyTarget(source, parameter, targetType);
  return random.weighted([
    [40, bare],
    [25, id],
    [15, `${BASE_MARK}/${bare}`],
    [address === bare ? 10 : 60, address],
    [5, `http://other.example/fhir/${bare}`],
    [5, anyTarget(source, parameter, targetType)],
  ]);
}

/** A resource that the parameter might refer to. */
function anyTarget(
  { random, context, types }: Source,
  parameter: SearchParameterDefinition,
  targetType: string | undefined,
): string {
  const known =
    targetType === undefined
      ? types.filter((type) => parameter.target?.includes(type) ?? true)
      : [targetType];
  const type = random.pick(known.length > 0 ? known : [parameter.target?.[0] ?? 'Patient']);
  const id = random.pick([...context.world.ofType(type).map((one) => one.id), 'x0']);
  return random.chance(0.7) ? `${type}/${id}` : id;
}
