import { partOf } from './parts.ts';

/** What `node --cpu-prof` writes (the Profile type of the V8 inspector protocol), as far as it is read here. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  /** Microseconds of the monotonic clock. */
  startTime: number;
  endTime: number;
  samples: number[];
  timeDeltas: number[];
}

export interface HotSpot {
  /** Function, file and line; what V8 does itself stands in brackets. */
  where: string;
  selfMs: number;
  /** Self time with everything it called. */
  totalMs: number;
}

export interface ProfileSummary {
  /** Time that was not idle. */
  busyMs: number;
  idleMs: number;
  functions: HotSpot[];
  /** Self time by file (a package counts as one file). */
  files: HotSpot[];
  /** Self time by {@link partOf the part} for which something was done, with what V8 and Node did for it. */
  parts: HotSpot[];
}

/** A readable place: below the last node_modules, or below the checkout. */
export const shortPlace = (url: string, root: string): string => {
  const inPackage = url.lastIndexOf('/node_modules/');
  if (inPackage >= 0) return url.slice(inPackage + '/node_modules/'.length);
  const file = url.replace(/^file:\/\//, '');
  return file.startsWith(root) ? file.slice(root.length).replace(/^\//, '') : file;
};

const packageOf = (place: string): string => {
  const parts = place.split('/');
  return parts.slice(0, place.startsWith('@') ? 2 : 1).join('/');
};

/** Self and total time by name. */
class Times {
  #self = new Map<string, number>();
  #total = new Map<string, number>();

  /** `stack` begins with where the time was spent; a name that is in it twice (recursion) is counted once. */
  add(stack: readonly string[], ms: number): void {
    const own = stack[0] ?? '';
    this.#self.set(own, (this.#self.get(own) ?? 0) + ms);
    for (const name of new Set(stack)) this.#total.set(name, (this.#total.get(name) ?? 0) + ms);
  }

  hotSpots(): HotSpot[] {
    return [...this.#self]
      .map(([where, selfMs]) => ({ where, selfMs, totalMs: this.#total.get(where) ?? 0 }))
      .sort((a, b) => b.selfMs - a.selfMs);
  }
}

interface Place {
  where: string;
  file: string;
  parent: number | undefined;
}

const placesOf = (profile: CpuProfile, root: string): Map<number, Place> => {
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  );
  return new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const place = shortPlace(url, root);
      const where = url
        ? `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`
        : functionName || '(anonymous)';
      const file = !url ? functionName : url.includes('/node_modules/') ? packageOf(place) : place;
      return [id, { where, file, parent: parents.get(id) }];
    }),
  );
};

const stackOf = (places: ReadonlyMap<number, Place>, id: number): Place[] => {
  const stack: Place[] = [];
  for (let place = places.get(id); place; place = places.get(place.parent ?? NaN)) stack.push(place);
  return stack;
};

/**
 * Self and total time by function and by file, of the samples between two times of the monotonic clock (microseconds,
 * process.hrtime). `root` is taken off the files' paths.
 */
export const summarizeProfile = (
  profile: CpuProfile,
  fromUs: number,
  toUs: number,
  root: string,
): ProfileSummary => {
  const places = placesOf(profile, root);
  const functions = new Times();
  const files = new Times();
  const parts = new Times();
  let timeUs = profile.startTime;
  let idleMs = 0;
  let busyMs = 0;
  profile.samples.forEach((id, at) => {
    const deltaUs = profile.timeDeltas[at] ?? 0;
    timeUs += deltaUs;
    if (timeUs < fromUs || timeUs > toUs) return;
    const ms = deltaUs / 1_000;
    if (places.get(id)?.where === '(idle)') {
      idleMs += ms;
      return;
    }
    busyMs += ms;
    const stack = stackOf(places, id);
    functions.add(
      stack.map((place) => place.where),
      ms,
    );
    files.add(
      stack.map((place) => place.file),
      ms,
    );
    parts.add([partOf(stack.map((place) => place.file))], ms);
  });
  return {
    busyMs,
    idleMs,
    functions: functions.hotSpots(),
    files: files.hotSpots(),
    parts: parts.hotSpots(),
  };
};
