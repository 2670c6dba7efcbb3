import type { Task } from '@medplum/fhirtypes';
import { Acceptances } from '../capture/acceptances.ts';
import type { DimseService } from '../dimse/services.ts';
import { LocalClock } from '../fhir/localTime.ts';
import { MppsService } from '../mpps/mppsService.ts';
import { StepRecorder } from '../mpps/stepRecorder.ts';
import { WorklistService } from '../worklist/worklistService.ts';
import type { Lifetime } from './lifetime.ts';
import type { BridgeParts } from './parts.ts';

/** What modalities ask of orders and tell of them: worklist and performed procedure steps. */
export function orderServices(
  { config, steps, allowList, server, recorder, log }: BridgeParts,
  lifetime: Lifetime,
): DimseService[] {
  const clock = new LocalClock(config.timeZone);
  const issuerOf = (aeTitle: string) => allowList.issuerOf(aeTitle);
  const stepRecorder = new StepRecorder({ steps, server, issuerOf, log });
  lifetime.atEnd(() => stepRecorder.stop());
  stepRecorder.wake();
  const mpps = new MppsService({
    steps,
    peers: allowList,
    clock,
    onNoted: () => stepRecorder.wake(),
    announce: (study, instances) => recorder.announce(study, instances),
  });
  const acceptances = new Acceptances({ server, log });
  lifetime.atEnd(() => acceptances.stop());
  const onTaken = (tasks: readonly Task[]) => acceptances.taken(tasks);
  return [new WorklistService({ server, peers: allowList, clock, onTaken }), mpps];
}
