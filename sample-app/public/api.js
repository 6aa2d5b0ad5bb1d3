/** An answer other than 2xx, with the server's sentences about it. */
export class ApiError extends Error {
  constructor(status, problems) {
    super(problems.join(' '));
    this.status = status;
    this.problems = problems;
  }
}

export const getJson = (path) => request(path);

export const postJson = (path, body) =>
  request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

async function request(path, init) {
  let response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError(0, ['The server does not answer. Is it still running?']);
  }
  const isJson = response.headers.get('content-type')?.includes('json');
  const body = isJson ? await response.json() : await response.text();
  if (response.ok) return body;
  throw new ApiError(response.status, [body.message ?? body].flat());
}
