/** Checks that a workload binding admits the intended workloads only. Pure. */
import type { FieldError } from '../../platform/errors/gateway-error.js';
import type { IdentityProviderEntity } from '../settings/identity-provider.entity.js';
import type { CreateWorkloadBindingBody } from './workload-bindings.dto.js';

/** Issuers that serve the public, and the claims of which at least one must be bound, for every subject pattern. */
const OWNER_CLAIMS: readonly { preset: string; host: string; claims: readonly string[] }[] = [
  { preset: 'github_actions', host: 'token.actions.githubusercontent.com', claims: ['repository_owner_id'] },
  { preset: 'gitlab', host: 'gitlab.com', claims: ['namespace_id', 'project_id'] },
];

export function checkBinding(
  provider: Pick<IdentityProviderEntity, 'kind' | 'preset' | 'issuer'>,
  { subjectPattern, claims }: Pick<CreateWorkloadBindingBody, 'subjectPattern' | 'claims'>,
): FieldError[] {
  if (provider.kind !== 'workload')
    return [createFault('/subjectPattern', 'Subjects of this provider are people. Link them to users at links.')];
  const faults: FieldError[] = [];
  if (!/[\p{L}\p{N}]/u.test(subjectPattern))
    faults.push(
      createFault('/subjectPattern', 'Name a workload: wildcards alone would admit all workloads of the provider.'),
    );
  const ownerClaims = findOwnerClaims(provider);
  if (ownerClaims.length > 0 && !ownerClaims.some((claim) => typeof claims?.[claim] === 'string'))
    faults.push(
      createFault(
        `/claims/${ownerClaims[0]}`,
        `This provider serves every customer: require ${ownerClaims.join(' or ')}, as a string. A name can be reassigned, this cannot.`,
      ),
    );
  return faults;
}

/** Matches by preset, and by the issuer's host independently of the preset it was saved under. */
const findOwnerClaims = ({ preset, issuer }: Pick<IdentityProviderEntity, 'preset' | 'issuer'>): readonly string[] =>
  OWNER_CLAIMS.find((owner) => owner.preset === preset || owner.host === new URL(issuer).hostname)?.claims ?? [];

const createFault = (pointer: string, detail: string): FieldError => ({ pointer, detail });
