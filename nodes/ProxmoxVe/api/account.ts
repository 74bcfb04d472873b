/** Who a credential is, for the rooms that talk to the API: they do not read the credentials themselves. */
export { splitAuthId } from '../../../credentials/account';
export { CredentialError } from '../../../credentials/credentialError';
