import { expect, test } from '@jest/globals';
import { RendererBusyError } from '../../src/rendering/renderer.ts';
import { MemoryRoom } from '../../src/retrieve/memoryRoom.ts';

test('is shared, and free again when an answer is out', () => {
  const room = new MemoryRoom(10);
  const [first, second] = [room.lease(), room.lease()];
  first.take(6);
  expect(() => second.take(5)).toThrow(RendererBusyError);
  second.take(4);
  first.release();
  second.take(6);
  expect(() => first.take(1)).toThrow(RendererBusyError);
});

test('has whoever is alone have more', () => {
  const room = new MemoryRoom(10);
  const alone = room.lease();
  alone.take(8);
  alone.take(8);
  const other = room.lease();
  expect(() => other.take(1)).toThrow(RendererBusyError);
  alone.release();
  alone.release();
  other.take(10);
  expect(() => alone.take(1)).toThrow(RendererBusyError);
});
