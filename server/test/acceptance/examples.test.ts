import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { archivedFiles, sharedPath } from '../support/sharedData.ts';
import { startTestServer } from '../support/server.ts';
import { clientOf, inFlight } from './support/client.ts';
import type { Client } from './support/client.ts';
import { firstDifference, parseByText, sameContent, withoutServerMeta } from './support/exactJson.ts';
import { SUBSCRIBER_EXTENSION } from '../../src/records/events/subscriber.ts';

const EXAMPLES = sharedPath('data/r4-examples-4.0.1.tgz');
const REQUESTS_IN_FLIGHT = 16;
const TIMEOUT_MS = 15 * 60_000;
/** Failures told in full; a broken rule usually breaks hundreds of examples. */
const FAILURES_TOLD_MAX = 40;

/** A file of the archive that is no resource. */
const MANIFEST = 'package.json';

/** Examples that break the specification they come with: each is refused, naming this element. */
const LEFT_OUT: Record<string, string> = {
  // 69 characters, of 64 allowed (datatypes.html#id)
  'SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json':
    'SearchParameter.id',
  // base is 1..* (searchparameter.html)
  'SearchParameter-codesystem-extensions-CodeSystem-author.json': 'SearchParameter.base',
  'SearchParameter-codesystem-extensions-CodeSystem-effective.json': 'SearchParameter.base',
  'SearchParameter-codesystem-extensions-CodeSystem-end.json': 'SearchParameter.base',
  'SearchParameter-codesystem-extensions-CodeSystem-keyword.json': 'SearchParameter.base',
  'SearchParameter-codesystem-extensions-CodeSystem-workflow.json': 'SearchParameter.base',
  'SearchParameter-valueset-extensions-ValueSet-author.json': 'SearchParameter.base',
  'SearchParameter-valueset-extensions-ValueSet-effective.json': 'SearchParameter.base',
  'SearchParameter-valueset-extensions-ValueSet-end.json': 'SearchParameter.base',
  'SearchParameter-valueset-extensions-ValueSet-keyword.json': 'SearchParameter.base',
  'SearchParameter-valueset-extensions-ValueSet-workflow.json': 'SearchParameter.base',
  // a reference to the first of these; also name and status, 1..1, are missing; both files are the same
  'ImplementationGuide-fhir.json': 'ImplementationGuide.manifest.resource[11904].reference',
  'ig-r4.json': 'ImplementationGuide.manifest.resource[11904].reference',
  // linkId is 1..1 (questionnaire.html)
  'Questionnaire-qs1.json': 'Questionnaire.item[0].item[0].linkId',
  // a structure that is not abstract has a baseDefinition (sdf-4)
  'StructureDefinition-Definition.json': 'StructureDefinition',
  'StructureDefinition-Event.json': 'StructureDefinition',
  'StructureDefinition-FiveWs.json': 'StructureDefinition',
  'StructureDefinition-Request.json': 'StructureDefinition',
  // narratives without content (txt-2)
  'ActivityDefinition-blood-tubes-supply.json': 'ActivityDefinition.text.div',
  'ActivityDefinition-heart-valve-replacement.json': 'ActivityDefinition.text.div',
  'EventDefinition-example.json': 'EventDefinition.text.div',
  'Questionnaire-zika-virus-exposure-assessment.json': 'Questionnaire.text.div',
  // an extension of value sets, and one with a part that its definition lacks
  'CodeSystem-dicom-dcim.json': 'CodeSystem.concept[180].extension[0]',
  'Bundle-hla-1.json': 'Bundle.entry[0].resource.extension[1].extension[1]',
  // fullUrls that end in another id than the resource has (bundle.html#bundle-unique)
  'Bundle-10bb101f-a121-4264-a920-67be9cb82c74.json': 'Bundle.entry[2]',
  'Bundle-3a0707d3-549e-4467-b8b8-5a2ab3800efe.json': 'Bundle.entry[3]',
  'Bundle-lri-example.json': 'Bundle.entry[1]',
  // canonicals that name contained resources which are not there
  'PlanDefinition-example-cardiology-os.json': 'PlanDefinition.contained[11].item[0].answerValueSet',
  // references to a type of resource that the element does not allow
  'DeviceMetric-example.json': 'DeviceMetric.parent',
  'DeviceUseStatement-example.json': 'DeviceUseStatement.reasonReference[0]',
  'MedicationRequest-medrx0301.json': 'MedicationRequest.dispenseRequest.performer',
  'Observation-clinical-gender.json': 'Observation.performer[0]',
};
const EXAMPLES_STORED = 5_298 - Object.keys(LEFT_OUT).length;

interface Example {
  file: string;
  text: string;
}

function* examples(archive: string): Generator<Example> {
  for (const { name, content } of archivedFiles(archive)) {
    const file = name.replace('examples/', '');
    if (file !== MANIFEST) yield { file, text: content.toString() };
  }
}

/** Puts one example, reads it and searches it. Undefined when all is well, else what is not. */
async function fault(client: Client, text: string): Promise<string | undefined> {
  const sent = parseByText(text) as { resourceType: string; id: string };
  const { resourceType: type, id } = sent;
  const put = await client.send(`${type}/${id}`, { method: 'PUT', body: text });
  if (put.status !== 200 && put.status !== 201) return `PUT ${put.status} ${put.text.slice(0, 600)}`;

  const read = await client.send(`${type}/${id}`);
  if (read.status !== 200) return `GET ${read.status} ${read.text.slice(0, 600)}`;
  const unlike = difference(sent, withoutSubscriber(parseByText(read.text)));
  if (unlike !== undefined) return `read back unlike at ${unlike}`;

  const search = await client.send(`${type}?_id=${id}`);
  if (search.status !== 200) return `search ${search.status} ${search.text.slice(0, 600)}`;
  const { entry = [] } = parseByText(search.text) as { entry?: { resource: unknown }[] };
  if (entry.length !== 1) return `found ${entry.length} times by _id`;
  const unlikeFound = difference(sent, withoutSubscriber(entry[0]?.resource));
  return unlikeFound === undefined ? undefined : `found unlike at ${unlikeFound}`;
}

/** The server notes in a Subscription who wrote it (docs/events.md): like `meta`, that is its own. */
function withoutSubscriber(got: unknown): unknown {
  const { extension, ...others } = got as { resourceType: string; extension?: { url: string }[] };
  if (others.resourceType !== 'Subscription' || extension === undefined) return got;
  const sent = extension.filter(({ url }) => url !== SUBSCRIBER_EXTENSION);
  return sent.length === 0 ? others : { ...others, extension: sent };
}

const difference = (sent: unknown, got: unknown) =>
  sameContent(sent, got) ? undefined : firstDifference(withoutServerMeta(sent), withoutServerMeta(got));

(EXAMPLES === undefined ? test.skip : test)(
  "accepts HL7's R4 examples, finds each by _id and gives each back equal, decimals included",
  async () => {
    let stored = 0;
    const failures: string[] = [];
    await inFlight(REQUESTS_IN_FLIGHT, examples(EXAMPLES!), async ({ file, text }) => {
      if (LEFT_OUT[file] !== undefined) return;
      const wrong = await fault(client, text);
      if (wrong === undefined) stored++;
      else failures.push(`${file}: ${wrong}`);
    });
    expect(failures.slice(0, FAILURES_TOLD_MAX)).toEqual([]);
    expect(stored).toBe(EXAMPLES_STORED);
  },
  TIMEOUT_MS,
);

(EXAMPLES === undefined ? test.skip : test)(
  'refuses the examples that are left out, and says why',
  async () => {
    const refused: Record<string, string | undefined> = {};
    for (const { file, text } of examples(EXAMPLES!)) {
      if (LEFT_OUT[file] === undefined) continue;
      const { resourceType, id } = JSON.parse(text) as { resourceType: string; id: string };
      const answer = await client.send(`${resourceType}/${id}`, { method: 'PUT', body: text });
      expect([file, answer.status]).toEqual([file, 400]);
      const { issue } = JSON.parse(answer.text) as { issue: { expression: string[] }[] };
      refused[file] = issue[0]!.expression[0];
    }
    expect(refused).toEqual(LEFT_OUT);
  },
);

let server: Awaited<ReturnType<typeof startTestServer>>;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  client = clientOf(server.url, REQUESTS_IN_FLIGHT);
});
afterAll(async () => {
  client.close();
  await server.stop();
});
