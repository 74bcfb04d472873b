/** A credential that cannot be used as it is entered, or not for this request: found before anything is sent. */
export class CredentialError extends Error {
	/** @param message for the user: the field's label, what is wrong with it, what to enter; never a secret */
	constructor(message: string) {
		super(message);
		this.name = 'CredentialError';
	}
}
