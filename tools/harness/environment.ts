/* eslint-disable @n8n/community-nodes/no-restricted-globals, @n8n/community-nodes/no-restricted-imports -- a test tool, neither shipped nor scanned */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * n8n reads its settings from the environment the moment it is loaded, so this file comes before it.
 * The folder holds nothing but n8n's settings file, and is gone once the engine has read that.
 */
export const userFolder = mkdtempSync(join(tmpdir(), 'n8n-harness-'));

Object.assign(process.env, {
	N8N_USER_FOLDER: userFolder,
	N8N_ENCRYPTION_KEY: 'harness',
	// What is logged is caught by capturedLogs.ts; stdout belongs to the result.
	N8N_LOG_LEVEL: 'silent',
	N8N_DEFAULT_BINARY_DATA_MODE: 'default',
});
