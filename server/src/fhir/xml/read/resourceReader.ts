import { JSON_DEPTH_MAX } from '../../json/parse.ts';
import { fhirError, type FhirError } from '../../outcome.ts';
import type { Resource } from '../../resource.ts';
import { FHIR_NAMESPACE, XHTML_NAMESPACE, XMLNS_NAMESPACE } from '../namespaces.ts';
import type { ElementShape, XmlShapes } from '../shapes.ts';
import { Frame } from './frame.ts';
import { NarrativeReader } from './narrativeReader.ts';
import { jsonOfPrimitive, NO_VALUE } from './primitives.ts';
import type { DocumentReader, Tag, XmlSource } from './source.ts';

/** A name is quoted only if it can be one of FHIR's: anything else may be content that lost its way. */
const ELEMENT_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const NOT_WHITE_SPACE = /[^ \t\r\n]/;

/**
 * Builds the JSON of a resource from its XML, element by element. What has no place in the definitions, or stands in
 * another order, is a fault; what JSON can say as well as XML (a wrong code, a missing element) is left to the validator.
 */
export class ResourceReader implements DocumentReader {
  readonly #source: XmlSource;
  readonly #shapes: XmlShapes;
  readonly #elementsMax: number;
  #elements = 0;
  #top: Frame | undefined;
  #narrative: NarrativeReader | undefined;
  /** The resource, once it is read. */
  resource: Resource | undefined;
  /** Whether there is a number in it that a double cannot carry. */
  hasExactNumbers = false;

  constructor(source: XmlSource, shapes: XmlShapes, elementsMax: number) {
    this.#source = source;
    this.#shapes = shapes;
    this.#elementsMax = elementsMax;
  }

  open(tag: Tag): void {
    if (this.#narrative !== undefined) return this.#narrative.open(tag);
    const parent = this.#top;
    if (parent?.shape === undefined) return this.#openResource(parent, tag);
    const element = this.#childOf(parent, tag);
    parent.expect(element);
    if (element.kind === 'narrative') this.#narrative = new NarrativeReader(this.#source, tag);
    else this.#openElement(parent, element, tag);
  }

  close(tag: Tag): void {
    if (this.#narrative !== undefined) {
      const text = this.#narrative.close(tag);
      if (text === undefined) return;
      this.#narrative = undefined;
      this.#top!.add(text);
      return;
    }
    const frame = this.#top!;
    this.#top = frame.parent;
    if (frame.element === undefined) this.#closeResource(frame);
    else this.#closeElement(frame, frame.element);
  }

  text(text: string): void {
    if (this.#narrative !== undefined) this.#narrative.text(text);
    else if (NOT_WHITE_SPACE.test(text)) {
      throw this.#fault('There is text before this tag: put values into the attribute value.');
    }
  }

  cdata(text: string): void {
    if (this.#narrative !== undefined) this.#narrative.cdata(text);
    else this.text(text);
  }

  instruction(): void {
    this.#narrative?.instruction();
  }

  /** Goes on, in a Bundle, as if there were no resource in the entry that is being read. */
  giveUpEntry(): void {
    this.#narrative = undefined;
    let frame = this.#top!;
    while (frame.parent?.parent?.parent !== undefined) frame = frame.parent;
    frame.value = undefined;
    this.#top = frame;
  }

  /** The root, or the one resource that stands in an element. */
  #openResource(parent: Frame | undefined, tag: Tag): void {
    if (parent === undefined) this.#source.checkProlog();
    if (parent !== undefined && parent.value !== null) {
      throw this.#fault('Only one resource may stand in an element: repeat the element for each.');
    }
    const shape = tag.uri === FHIR_NAMESPACE ? this.#shapes.ofResource(tag.local) : undefined;
    if (shape === undefined) {
      const isNamed = parent === undefined && this.#shapes.ofResource(tag.local) !== undefined;
      throw isNamed ? this.#fault(notResource(tag), tag.local) : this.#fault(notResource(tag));
    }
    const frame = new Frame(parent, undefined, shape);
    frame.object.resourceType = tag.local;
    this.#top = frame;
    this.#readAttributes(frame, tag);
  }

  #childOf(parent: Frame, tag: Tag): ElementShape {
    const { shape, last } = parent;
    const element = shape!.elements.get(tag.local);
    if (element === undefined) {
      const advice = 'remove it or correct its name';
      throw this.#fault(`${shape!.path} has no element${quoted(tag.local)}: ${advice}.`);
    }
    const namespace = element.kind === 'narrative' ? XHTML_NAMESPACE : FHIR_NAMESPACE;
    if (tag.uri !== namespace) {
      const text = `The element '${tag.local}' must be in the namespace ${namespace}: declare it by xmlns.`;
      throw this.#fault(text, parent.path(element));
    }
    if (last === undefined || element.position > last.position) return element;
    if (last === element && element.isList) return element;
    const text =
      element.position < last.position
        ? `The element '${element.name}' must stand before '${last.name}': write elements in the order of the definition, and those of one name together.`
        : `The element '${element.name}' may stand once, and with one type: remove the others.`;
    throw this.#fault(text, parent.path(element));
  }

  #openElement(parent: Frame, element: ElementShape, tag: Tag): void {
    const frame = new Frame(parent, element, element.kind === 'resource' ? undefined : element.content());
    if (frame.depth > JSON_DEPTH_MAX) {
      const text = `The XML is nested deeper than ${JSON_DEPTH_MAX} levels in JSON: FHIR content is never that deep, so flatten it.`;
      throw this.#fault(text);
    }
    this.#elements++;
    if (this.#elements > this.#elementsMax) {
      const text = `The XML has more than ${this.#elementsMax} elements: send it in several parts.`;
      throw fhirError('too-large', 'too-long', text);
    }
    this.#top = frame;
    this.#readAttributes(frame, tag);
  }

  #readAttributes(frame: Frame, { attributes }: Tag): void {
    for (const key in attributes) {
      const { uri, local, value } = attributes[key]!;
      if (uri === XMLNS_NAMESPACE) continue;
      if (uri === '' && local === 'value' && frame.element?.kind === 'primitive') {
        frame.value = this.#valueOf(frame.element, value);
      } else if (uri === '' && frame.shape?.attributes.has(local)) frame.object[local] = value;
      else throw this.#fault(`There is no attribute${quoted(local)} here: remove it.`);
    }
  }

  #valueOf({ name, type }: ElementShape, text: string): unknown {
    const value = jsonOfPrimitive(type, text);
    if (value === NO_VALUE) {
      throw this.#fault(`The value of '${name}' cannot be read as ${type}: correct it.`);
    }
    this.hasExactNumbers ||= typeof value === 'object';
    return value;
  }

  #closeResource(frame: Frame): void {
    const resource = frame.finish() as Resource;
    if (frame.parent === undefined) this.resource = resource;
    else frame.parent.value = resource;
  }

  #closeElement(frame: Frame, { name, kind }: ElementShape): void {
    const parent = frame.parent!;
    const object = frame.finish();
    if (kind === 'complex') return parent.add(object);
    const isBare = Object.keys(object).length === 0;
    if (frame.value === null && isBare) {
      this.#top = frame;
      const wanted = kind === 'resource' ? 'a resource' : 'a value or extensions';
      throw this.#fault(`The element '${name}' is empty: give it ${wanted}, or leave it out.`);
    }
    parent.add(frame.value, isBare ? undefined : object);
  }

  #fault(diagnostics: string, expression = this.#top?.path()): FhirError {
    return this.#source.fault(diagnostics, expression);
  }
}

const quoted = (name: string) => (ELEMENT_NAME.test(name) ? ` '${name}'` : ' of this name');

function notResource({ uri }: Tag): string {
  return uri === FHIR_NAMESPACE
    ? 'This element must be a resource: name it as a FHIR R4 resource type.'
    : `This element must be a resource in the namespace ${FHIR_NAMESPACE}: declare it by xmlns.`;
}
