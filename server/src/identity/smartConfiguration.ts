import { DISCOVERY_PATHS, OAUTH_PATHS } from './paths.ts';
import { ASSERTION_ALGORITHMS, endpointsOfOurs } from './provider/configuration.ts';
import { IDENTITY_SCOPES } from './provider/scopes.ts';

/** What of SMART App Launch 2.2 is built ("Capability Sets"). */
const CAPABILITIES = [
  'launch-ehr',
  'launch-standalone',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
];

/**
 * `.well-known/smart-configuration` below the FHIR base (SMART App Launch 2.2, "Using .well-known").
 *
 * @param withRegistration whether clients can register themselves
 */
export function smartConfiguration(issuer: string, withRegistration = false): Record<string, unknown> {
  const at = (path: string): string => `${issuer}${path}`;
  return {
    issuer,
    jwks_uri: at(OAUTH_PATHS.jwks),
    authorization_endpoint: at(OAUTH_PATHS.authorization),
    token_endpoint: at(OAUTH_PATHS.token),
    introspection_endpoint: at(OAUTH_PATHS.introspection),
    revocation_endpoint: at(OAUTH_PATHS.revocation),
    ...endpointsOfOurs(issuer, withRegistration),
    end_session_endpoint: at(OAUTH_PATHS.end_session),
    openid_configuration: at(DISCOVERY_PATHS[0]!),
    token_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'none',
    ],
    token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: [...IDENTITY_SCOPES, 'patient/*.cruds', 'user/*.cruds', 'system/*.cruds'],
    capabilities: CAPABILITIES,
  };
}
