import type { DimseService } from '../dimse/services.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** The services of associations besides C-ECHO and C-STORE. */
export function dimseServices(_parts: BridgeParts, _lifetime: Lifetime): DimseService[] {
  return [];
}
