import { advanced } from './advanced';
import { boot } from './boot';
import { cloudInit } from './cloudInit';
import { disks } from './disks';
import { display } from './display';
import { firmware } from './firmware';
import { general } from './general';
import { memory } from './memory';
import { network } from './network';
import { passthrough } from './passthrough';
import { ports } from './ports';
import { processor } from './processor';
import { restore } from './restore';
import { security } from './security';
import { target } from './target';

/** Every parameter of `POST /nodes/{node}/qemu` by its name in the API; families as `net[n]`. */
export const parameters = {
	...target.fields,
	...restore.fields,
	...general.fields,
	...disks.fields,
	...network.fields,
	...cloudInit.fields,
	...processor.fields,
	...memory.fields,
	...firmware.fields,
	...display.fields,
	...boot.fields,
	...passthrough.fields,
	...ports.fields,
	...security.fields,
	...advanced.fields,
};
