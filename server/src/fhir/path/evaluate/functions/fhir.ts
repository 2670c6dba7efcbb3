import { PathEvaluationError } from '../../errors.ts';
import { NONE, Node, isObject, objectOf, type Nodes } from '../nodes.ts';
import { addChildren } from '../navigate.ts';
import { ofItems, ofTruth, single, type Operation } from '../operation.ts';
import type { Run } from '../run.ts';
import type { PathFunction, PathFunctions } from '../scope.ts';
import { SYSTEM } from '../shapes.ts';
import { valueOf } from '../values/values.ts';
import { ofCollections, ofInput, oneValue } from './define.ts';
import { text } from './strings.ts';

const PROFILES = 'http://hl7.org/fhir/StructureDefinition/';

/** `extension(url)`: what `extension.where(url = ...)` finds. */
const extension: PathFunction = ofCollections(1, 1, (input, [url = NONE], run) => {
  const wanted = oneValue(url);
  if (wanted === undefined) return NONE;
  const found: Node[] = [];
  for (const node of input) addChildren(node, 'extension', run.model.shapes, found);
  run.spend(1 + input.length + found.length);
  return found.filter((node) => objectOf(node)?.url === wanted);
});

const hasValue: PathFunction = {
  min: 0,
  max: 0,
  compile: (input) =>
    ofTruth((focus, run) => {
      const [only, ...others] = input.items(focus, run);
      return only !== undefined && others.length === 0 && hasOwnValue(only);
    }),
};

function hasOwnValue({ shape, value }: Node): boolean {
  return (shape.isPrimitive || shape.namespace === 'System') && value !== undefined && value !== null;
}

/** Follows references, canonicals and the like to the resources that the port finds. */
const resolve: PathFunction = {
  min: 0,
  max: 0,
  compile: (input) => ofItems((focus, run) => input.items(focus, run).flatMap((node) => resolved(node, run))),
};

function resolved(node: Node, run: Run): Nodes {
  run.spend(1);
  const reference = isObject(node.value) ? node.value.reference : node.value;
  if (typeof reference !== 'string') return NONE;
  const found = run.ports.resolve?.(reference);
  const type = isObject(found) && typeof found.resourceType === 'string' ? found.resourceType : undefined;
  const shape = type === undefined ? undefined : run.model.shapes.type(type);
  return shape ? [new Node(found, shape)] : NONE;
}

/** Modifier extensions that `checkModifiers` can be told to know. */
const MODIFIERS_MAX = 100;

/** What has a modifier extension that is not among the known ones cannot be evaluated: it may mean the opposite. */
const checkModifiers: PathFunction = ofCollections(0, MODIFIERS_MAX, (input, args, run) => {
  const known = new Set(args.map(oneValue));
  const found: Node[] = [];
  for (const node of input) addChildren(node, 'modifierExtension', run.model.shapes, found);
  run.spend(1 + input.length + found.length);
  if (found.every((node) => known.has(textOf(objectOf(node)?.url)))) return input;
  throw new PathEvaluationError('an element has a modifier extension that the expression does not know');
});

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** A question that a port answers. @throws PathEvaluationError when it cannot */
function asked(ask: (node: Node, argument: Nodes, run: Run) => boolean | undefined): PathFunction {
  return {
    min: 1,
    max: 1,
    compile(input, [argument], scope): Operation {
      const compiled = scope.compile(argument!);
      return ofTruth((focus, run) => {
        const node = single(input.items(focus, run), 'a function');
        const given = compiled.items(focus, run);
        if (!node || given.length === 0) return undefined;
        const answer = ask(node, given, run);
        if (answer === undefined) throw new PathEvaluationError('what the expression asks is not known here');
        return answer;
      });
    },
  };
}

function conforms({ shape, value }: Node, argument: Nodes, run: Run): boolean | undefined {
  const profile = text(oneValue(argument));
  const base = profile.startsWith(PROFILES)
    ? run.model.shapes.type(profile.slice(PROFILES.length))
    : undefined;
  return base ? shape.is(base.name) : run.ports.conformsTo?.(value, shape.name, profile);
}

/** What `type()` tells: the namespace and the name. */
function typeOf(input: Nodes): Nodes {
  return input.map(({ shape: { namespace, name } }) => new Node({ namespace, name }, SYSTEM.Type));
}

/** Narrative is checked with the structure of its resource; here it only has to be a text. */
function htmlChecks(input: Nodes): boolean {
  return input.every((node) => typeof valueOf(node) === 'string');
}

/** http://hl7.org/fhir/R4/fhirpath.html#functions */
export const FHIR: PathFunctions = {
  extension,
  hasValue,
  getValue: ofInput((input) => (input.length === 1 && hasOwnValue(input[0]!) ? input : NONE)),
  resolve,
  type: ofCollections(0, 0, typeOf),
  htmlChecks: {
    min: 0,
    max: 0,
    compile: (input) => ofTruth((focus, run) => htmlChecks(input.items(focus, run))),
  },
  checkModifiers,
  conformsTo: asked(conforms),
  memberOf: asked(({ shape, value }, argument, run) =>
    run.ports.memberOf?.(value, shape.name, text(oneValue(argument))),
  ),
  subsumes: asked(({ shape, value }, argument, run) =>
    run.ports.subsumes?.(value, shape.name, single(argument, 'subsumes()')?.value),
  ),
  subsumedBy: asked(({ value }, argument, run) => {
    const other = single(argument, 'subsumedBy()');
    return other && run.ports.subsumes?.(other.value, other.shape.name, value);
  }),
};
