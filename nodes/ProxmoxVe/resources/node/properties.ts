import type { INodeProperties } from 'n8n-workflow';

import { listProperties, nodeProperty } from '../../form/sharedProperties';

export const getProperties: readonly INodeProperties[] = [nodeProperty];
export const getAllProperties: readonly INodeProperties[] = listProperties;
