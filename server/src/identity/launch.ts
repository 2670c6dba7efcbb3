import { randomBytes } from 'node:crypto';
import { errors } from 'oidc-provider';
import type { ArtifactTable } from '../store/identity/artifacts.ts';
import { inOAuthWords } from './provider/failures.ts';

/** What an app is told about where it was launched (SMART App Launch 2.2, "Launch context"). */
export interface LaunchContext {
  /** Ids of a Patient and an Encounter. */
  patient?: string;
  encounter?: string;
  /** Further resources: `{ reference: 'ImagingStudy/1', role?: ... }`. */
  fhirContext?: readonly object[];
  intent?: string;
  needPatientBanner?: boolean;
  smartStyleUrl?: string;
  tenant?: string;
}

/** A launch that an EHR has begun: for whom, and with which app. */
export interface NewLaunch extends LaunchContext {
  /** Id of the User who launches; nobody else can take it up. */
  userId: string;
  /** Id of the ClientApplication that is launched. */
  clientId: string;
}

/** A grant that a context is tied to, and whose it is. */
interface GrantOfLaunch {
  id: string;
  userId: string;
  clientId: string;
}

/** An app has so long to begin its authorization request. */
export const LAUNCH_LIFETIME_S = 300;

const LAUNCH = 'Launch';
const GRANT_CONTEXT = 'GrantContext';

/** Launch contexts: first under the `launch` parameter that an EHR hands to an app, then of the grant that comes of it. */
export class Launches {
  readonly #artifacts: ArtifactTable;

  constructor(artifacts: ArtifactTable) {
    this.#artifacts = artifacts;
  }

  /** @returns the value of the `launch` parameter; good once */
  async begin(launch: NewLaunch): Promise<string> {
    const id = randomBytes(24).toString('base64url');
    await this.#artifacts.put({
      model: LAUNCH,
      id,
      payload: launch,
      expiresInS: LAUNCH_LIFETIME_S,
      account: launch.userId,
      client: launch.clientId,
    });
    return id;
  }

  /** A launch that can still be taken up by this client. @throws errors.InvalidRequest for any other */
  async find(id: string, clientId: string): Promise<NewLaunch> {
    const found = await inOAuthWords(this.#artifacts.findGood(LAUNCH, id));
    const launch = found?.payload as NewLaunch | undefined;
    if (!launch || launch.clientId !== clientId)
      throw new errors.InvalidRequest(
        'the launch is unknown, expired, used or of another app: launch it again',
      );
    return launch;
  }

  /** Takes a launch up: nobody else can afterwards. @throws errors.InvalidRequest when somebody was faster */
  async take(id: string): Promise<void> {
    if (!(await inOAuthWords(this.#artifacts.take(LAUNCH, id))))
      throw new errors.InvalidRequest('the launch has been used: launch the app again');
  }

  /** Ties a context to a grant; it ends with it. */
  async bind(grant: GrantOfLaunch, context: LaunchContext, expiresInS: number): Promise<void> {
    const { id: grantId, userId: account, clientId: client } = grant;
    const artifact = { model: GRANT_CONTEXT, id: grantId, payload: context, grantId, account, client };
    await this.#artifacts.put({ ...artifact, expiresInS });
  }

  /** Context of a grant; empty where there is none. */
  async ofGrant(grantId: string): Promise<LaunchContext> {
    const found = await inOAuthWords(this.#artifacts.find(GRANT_CONTEXT, grantId));
    return (found?.payload ?? {}) as LaunchContext;
  }
}

/** Members of a token response and of an introspection (SMART App Launch 2.2, "Launch context arrives with your access_token"). */
export function launchMembers(context: LaunchContext): Record<string, unknown> {
  const { patient, encounter, fhirContext, intent, needPatientBanner, smartStyleUrl, tenant } = context;
  const members = {
    patient,
    encounter,
    fhirContext,
    intent,
    need_patient_banner: needPatientBanner,
    smart_style_url: smartStyleUrl,
    tenant,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
