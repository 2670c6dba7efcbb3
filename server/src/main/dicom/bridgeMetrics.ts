import type { BridgeClient } from '../../imaging/bridge/bridgeClient.ts';
import { BridgeError } from '../../imaging/bridge/bridgeError.ts';

/** Prometheus waits for its server's own metrics too. */
const TIMEOUT_MS = 2_000;
/** Others would stand twice: both are programs of Node. */
const OF_THE_BRIDGE = /^(?:# (?:HELP|TYPE) )?maxray_dicom_/;

/** What the bridge counts, and whether it answers, in the text format of Prometheus. */
export async function bridgeMetrics(bridge: Pick<BridgeClient, 'metrics'>): Promise<string> {
  const text = await answered(bridge);
  const lines = (text ?? '').split('\n').filter((line) => OF_THE_BRIDGE.test(line));
  return [
    '# HELP maxray_dicom_bridge_up Whether the DICOM bridge answers',
    '# TYPE maxray_dicom_bridge_up gauge',
    `maxray_dicom_bridge_up ${text === undefined ? 0 : 1}`,
    ...lines,
    '',
  ].join('\n');
}

async function answered(bridge: Pick<BridgeClient, 'metrics'>): Promise<string | undefined> {
  try {
    return await bridge.metrics({ signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    if (error instanceof BridgeError) return undefined;
    throw error;
  }
}
