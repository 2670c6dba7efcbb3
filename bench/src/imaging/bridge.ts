import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { BridgeStatus } from '../../../dicom-bridge/src/web/status.ts';
import { freePort } from '../processes/freePort.ts';
import { LOOPBACK } from '../processes/target.ts';
import { until } from '../processes/until.ts';
import { BENCH_AE_TITLE, type DicomPlace } from './dcmtk.ts';
import type { Orthanc } from './orthanc.ts';

/** Studies are complete so soon, so that nothing of them is written while something else is measured. */
const QUIET_MS = 1_000;
const AE_TITLE = 'MAXRAY';

/** A bridge that a server starts beside itself. */
export interface BridgeSetup {
  /** Variables of the server's environment. */
  environment: Record<string, string>;
  dicomPort: number;
  apiPort: number;
}

/** @param archive absent: objects are kept in files */
export const bridgeSetup = async (archive?: Orthanc): Promise<BridgeSetup> => {
  const [dicomPort, apiPort] = [await freePort(), await freePort()];
  const environment = {
    DICOM: 'embedded',
    DICOM_PORT: String(dicomPort),
    DICOM_BRIDGE_PORT: String(apiPort),
    DICOM_AE_TITLE: AE_TITLE,
    DICOM_ALLOW: `${BENCH_AE_TITLE}@${LOOPBACK}`,
    DICOM_QUIET_MS: String(QUIET_MS),
    ...(archive && {
      ORTHANC_URL: archive.url,
      ORTHANC_USERNAME: archive.username,
      ORTHANC_PASSWORD: archive.password,
    }),
  };
  return { environment, dicomPort, apiPort };
};

/** The bridge as the benchmark asks it. */
export interface Bridge extends DicomPlace {
  /** Resolves when so many images are in archive and record. @throws when one of them will never be */
  recorded(images: number): Promise<void>;
  /** Resolves when every study is complete. */
  settled(): Promise<void>;
}

/** Waits until it answers. @param dataFolder of the server */
export const openBridge = async (
  { dicomPort, apiPort }: BridgeSetup,
  dataFolder: string,
): Promise<Bridge> => {
  const status = async (): Promise<BridgeStatus> => {
    const secret = readFileSync(path.join(dataFolder, 'dicom/bridge.secret'), 'utf8').trim();
    const headers = { authorization: `Bearer ${secret}` };
    const response = await fetch(`http://${LOOPBACK}:${apiPort}/status`, { headers });
    if (!response.ok) throw new Error(`the bridge's status: ${response.status}`);
    return (await response.json()) as BridgeStatus;
  };
  const answers = (): Promise<boolean> =>
    status().then(
      () => true,
      () => false, // it is still starting
    );
  await until(answers, 'the bridge answers');
  const recorded = (images: number): Promise<void> =>
    until(async () => {
      const { recorded: done = 0, quarantined = 0, conflict = 0 } = (await status()).objects;
      if (quarantined + conflict > 0) throw new Error('the bridge has kept an image aside');
      return done >= images;
    }, `${images} images are recorded`);
  const settled = (): Promise<void> =>
    until(async () => (await status()).studies['arriving'] === 0, 'all studies are complete');
  return { aeTitle: AE_TITLE, dicomPort, recorded, settled };
};
