import { access } from './access';
import { general } from './general';
import { isolation } from './isolation';
import { network } from './network';
import { resources } from './resources';
import { restore } from './source';
import { system } from './system';
import { target } from './target';
import { volumes } from './volumes';

/** Every parameter of `POST /nodes/{node}/lxc` by its name in the API; families as `net[n]`. */
export const parameters = {
	...target.fields,
	...restore.fields,
	...general.fields,
	...access.fields,
	...resources.fields,
	...volumes.fields,
	...network.fields,
	...isolation.fields,
	...system.fields,
};
