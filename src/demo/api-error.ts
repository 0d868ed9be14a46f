/** An answer that is not a success: HTTP status and Docker's `{"message"}`. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
