import type { Catalogue, GuestParameters } from '../catalogue/catalogue';
import type { Problem } from '../wire/problem';
import { requirementsOf } from '../wire/requirements';
import { lacks } from '../wire/version';
import { drivesOf } from '../form/drives';
import { BadInputError } from '../form/BadInputError';
import type { Run } from '../runtime/run';

/** Files of the host that are named by their path: no token may use them. */
const pathProblems = (parameters: GuestParameters): Problem[] =>
	drivesOf(parameters).flatMap(([parameter, drive]) =>
		(['file', 'import-from'] as const).flatMap((sub) =>
			drive[sub]?.startsWith('/') === true
				? [
						{
							parameter,
							sub,
							message:
								'is a path of the host, which only root@pam with a password can use. Enter a volume of a storage, such as local:import/disk.qcow2',
						},
					]
				: [],
		),
	);

/**
 * Refuses what this credential may not set and this cluster does not have, before the POST. The
 * cluster is asked for its version only if a parameter is used that is not in all of them.
 * @throws BadInputError
 */
export async function checkCluster(
	run: Run,
	catalogue: Catalogue,
	parameters: GuestParameters,
): Promise<void> {
	const requirements = requirementsOf(catalogue, parameters);
	const problems: Problem[] =
		run.credential === 'proxmoxVeApi'
			? requirements
					.filter(({ rootOnly }) => rootOnly)
					.map(({ parameter, sub }) => ({
						parameter,
						...(sub === undefined ? {} : { sub }),
						message:
							'can be set only by root@pam with a password, never by an API token. Use a credential of the type User and Password (Credential → Create new credential, choose the type in its dialog)',
					}))
			: [];
	if (run.credential === 'proxmoxVeApi') problems.push(...pathProblems(parameters));
	if (problems.length > 0) throw new BadInputError(problems);

	const newer = requirements.filter(({ since }) => since !== undefined);
	if (newer.length === 0) return;
	const version = await run.version();
	for (const { parameter, sub, since } of newer) {
		if (since !== undefined && lacks(version, since)) {
			problems.push({
				parameter,
				...(sub === undefined ? {} : { sub }),
				message: `needs Proxmox VE ${since} or later, and the cluster has ${version}`,
			});
		}
	}
	if (problems.length > 0) throw new BadInputError(problems);
}

/**
 * Refuses an OCI image where the cluster cannot pull one.
 * @param field that names the image
 * @throws BadInputError
 */
export async function checkRegistry(
	run: Run,
	field: Pick<Problem, 'parameter' | 'label'>,
): Promise<void> {
	const version = await run.version();
	if (lacks(version, '9.1'))
		throw new BadInputError([
			{
				...field,
				message: `needs Proxmox VE 9.1 or later for an OCI image, and the cluster has ${version}`,
			},
		]);
}
