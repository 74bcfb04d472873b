export const DEFAULT_TIMEOUT_SECONDS = 1800;
export const DEFAULT_MAX_POLL_SECONDS = 5;
/** Creates are short and light; a node has its hands full with this many restores already. */
export const DEFAULT_MAX_PARALLEL = 25;
export const LOWEST_ID = 100;
export const HIGHEST_ID = 999_999_999;
/** Longest that a command in a guest is waited for. */
export const DEFAULT_COMMAND_SECONDS = 60;
/** Longest that a guest is waited for after its start. */
export const DEFAULT_READY_SECONDS = 300;
