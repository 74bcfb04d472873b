/** A time of the API as operations emit it: seconds since 1970 as ISO 8601 in UTC. */
export const isoTime = (seconds: number): string => new Date(seconds * 1000).toISOString();
