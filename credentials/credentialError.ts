/** The credential is invalid, or must not be used for this request. Thrown before anything is sent. */
export class CredentialError extends Error {
	/** @param message for the user: the field's label, the problem, and what to enter; never a secret */
	constructor(message: string) {
		super(message);
		this.name = 'CredentialError';
	}
}
