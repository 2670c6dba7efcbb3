import { readFrame, type FrameIndex } from '../frames/frames.ts';
import { findBulk, type BulkValue } from '../metadata/bulkData.ts';
import { dicomJson } from '../metadata/dicomJson.ts';
import { canDecode } from '../rendering/codecs.ts';
import { readPresentation } from '../rendering/presentation.ts';
import type { Renderer } from '../rendering/renderer.ts';
import type { RenderTask, StoredFrame } from '../rendering/renderTask.ts';
import type { ByteSource } from '../stored/byteSource.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../stored/transferSyntax.ts';
import { MetadataTexts } from './metadataTexts.ts';
import type { ObjectReader, OpenObject } from './objectReader.ts';

/** The object has not got what is asked for. */
export class NotThereError extends Error {
  override readonly name = 'NotThereError';
}

/** It has it, in none of the forms that are taken. */
export class NotAcceptableError extends Error {
  override readonly name = 'NotAcceptableError';
}

export interface Frame {
  bytes: Uint8Array;
  transferSyntaxUid: string;
}

/** How a picture is to be. */
export type PictureWish = Pick<RenderTask, 'format' | 'window' | 'viewport' | 'quality'>;

/** All transfer syntaxes. */
export const ANY = '*';

/**
 * What viewers want of stored objects. All of it throws NotThereError where object or part is not there, ObjectError for an object that cannot be
 * read, ArchiveAwayError; where pictures are made or frames decompressed RenderError and RendererBusyError too.
 */
export class Retrieval {
  readonly #objects: ObjectReader;
  readonly #renderer: Renderer;
  readonly #texts: MetadataTexts;

  constructor(objects: ObjectReader, renderer: Renderer, texts = new MetadataTexts()) {
    this.#objects = objects;
    this.#renderer = renderer;
    this.#texts = texts;
  }

  /** The data set as JSON, in UTF-8. */
  metadata(sopInstanceUid: string): Promise<Buffer> {
    return this.#texts.get(sopInstanceUid, () => this.#with(sopInstanceUid, metadataText));
  }

  /** Has a binary value sent, while its object is open. @param path as in the metadata */
  bulk(
    sopInstanceUid: string,
    path: string,
    send: (value: BulkValue, source: ByteSource) => Promise<void>,
  ): Promise<void> {
    return this.#with(sopInstanceUid, async ({ dataSet, source }) => {
      const value = findBulk(dataSet, path);
      if (!value) throw new NotThereError('The object has no such value.');
      await send(value, source);
    });
  }

  /**
   * One frame: as it is stored where that is taken, decompressed otherwise.
   *
   * @param number from 1
   * @param accepted UIDs of transfer syntaxes, or ANY
   * @throws NotAcceptableError
   */
  async frame(
    sopInstanceUid: string,
    number: number,
    accepted: readonly string[],
    signal?: AbortSignal,
  ): Promise<Frame> {
    const frame = await this.#there((isThere) =>
      this.#objects.withFrames(sopInstanceUid, (index, source) => {
        isThere();
        return storedFrame(index, source, number);
      }),
    );
    const { bytes, transferSyntaxUid } = frame;
    if ([transferSyntaxUid, ANY].some((one) => accepted.includes(one))) return { bytes, transferSyntaxUid };
    if (!accepted.includes(EXPLICIT_LITTLE_ENDIAN) || !canDecode(transferSyntaxUid))
      throw new NotAcceptableError(`The frame is to be had in ${transferSyntaxUid} only.`);
    const decoded = await this.#renderer.do({ kind: 'decode', frame }, signal);
    return { bytes: decoded, transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN };
  }

  /** A frame as a picture. @param number from 1 @throws NotAcceptableError for objects without pixels */
  async picture(
    sopInstanceUid: string,
    number: number,
    wish: PictureWish,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    const { frame, presentation } = await this.#frame(sopInstanceUid, number).catch((error: unknown) => {
      throw error instanceof NoPixelsError ? new NotAcceptableError(error.message) : error;
    });
    return this.#renderer.do({ kind: 'picture', ...wish, frame, presentation }, signal);
  }

  #frame(sopInstanceUid: string, number: number): Promise<Pick<RenderTask, 'frame' | 'presentation'>> {
    return this.#with(sopInstanceUid, async (object) => {
      const frame = await storedFrame(await object.frames(), object.source, number);
      return { frame, presentation: readPresentation(object.dataSet, number - 1) };
    });
  }

  #with<T>(sopInstanceUid: string, read: (object: OpenObject) => Promise<T>): Promise<T> {
    return this.#there((isThere) =>
      this.#objects.with(sopInstanceUid, (object) => {
        isThere();
        return read(object);
      }),
    );
  }

  /** @throws NotThereError unless it is told that the object is there */
  async #there<T>(read: (isThere: () => void) => Promise<T | undefined>): Promise<T> {
    let isThere = false;
    const result = await read(() => (isThere = true));
    if (!isThere) throw new NotThereError('The archive has no such object.');
    return result as T;
  }
}

const metadataText = async (object: OpenObject): Promise<Buffer> =>
  Buffer.from(JSON.stringify(await dicomJson(object)));

/** It is no image. */
class NoPixelsError extends NotThereError {}

/** @param number from 1 @throws NoPixelsError, NotThereError */
async function storedFrame(
  index: FrameIndex | undefined,
  source: ByteSource,
  number: number,
): Promise<StoredFrame> {
  if (!index) throw new NoPixelsError('The object has no pixels.');
  const { pixels, transferSyntaxUid } = index;
  if (number > pixels.frames) throw new NotThereError(`The object has ${pixels.frames} frames.`);
  return { pixels, transferSyntaxUid, bytes: await readFrame(index, source, number - 1) };
}
