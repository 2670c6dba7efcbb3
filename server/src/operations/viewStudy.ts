import type { ImagingStudy } from '@medplum/fhirtypes';
import { fhirError } from '../fhir/outcome.ts';
import { isShown } from '../imaging/studies.ts';
import type { Records } from '../records/records.ts';
import type { Operation } from './operation.ts';
import { acceptOnly } from './values.ts';

/** Makes a link to the viewer, good once and for a short time. @param authorization what the visitor is to see it by */
export type LinkToViewer = (
  studyId: string,
  authorization: string,
) => Promise<{ url: string; expiresAtMs: number }>;

/**
 * `POST ImagingStudy/[id]/$view`: a link by which a browser sees the images of a study, as the caller may. It is followed once; nothing in it is worth anything
 * afterwards.
 */
export function viewStudyOperation(records: Pick<Records, 'read'>, linkTo: LinkToViewer): Operation {
  return {
    name: 'view',
    definition: 'https://maxray.example/fhir/OperationDefinition/view',
    levels: ['instance'],
    types: ['ImagingStudy'],
    affectsState: true,
    run: async ({ caller, id, parameters, http }) => {
      acceptOnly(parameters, 'view', []);
      const study = JSON.parse((await records.read(caller, 'ImagingStudy', id!)).content) as ImagingStudy;
      if (!isShown(study)) throw notShown();
      if (http?.authorization === undefined) throw notInBundles();
      if (caller.agent.onBehalfOf !== undefined) throw notForOthers();
      const { url, expiresAtMs } = await linkTo(id!, http.authorization);
      const expires = new Date(expiresAtMs).toISOString();
      const parameter = [
        { name: 'url', valueUrl: url },
        { name: 'expires', valueInstant: expires },
      ];
      return { kind: 'resource', body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

const notShown = () =>
  fhirError(
    'unprocessable',
    'business-rule',
    'The images are not shown as long as it is not known whose they are, or after the study was cancelled or entered in error. Say whose it is with $resolve.',
    'ImagingStudy.subject',
  );

const notInBundles = () =>
  fhirError('incorrect', 'not-supported', '$view is not called in bundles: send it by itself.');

const notForOthers = () =>
  fhirError(
    'forbidden',
    'forbidden',
    'A link lets somebody see what you may see yourself: ask for it without X-Medplum-On-Behalf-Of.',
  );
