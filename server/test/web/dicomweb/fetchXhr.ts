/** As much of XMLHttpRequest as dicomweb-client uses, over fetch: Node has none. */
export class FetchXhr {
  readyState = 0;
  status = 0;
  response: unknown;
  responseType = '';
  withCredentials = false;
  onreadystatechange: () => void = () => undefined;
  onloadstart: () => void = () => undefined;
  onloadend: () => void = () => undefined;
  #method = '';
  #url = '';
  readonly #sent: Record<string, string> = {};
  #headers = new Headers();

  open(method: string, url: string): void {
    this.#method = method.toUpperCase();
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#sent[name] = value;
  }

  getResponseHeader(name: string): string | null {
    return this.#headers.get(name);
  }

  getAllResponseHeaders(): string {
    return [...this.#headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  send(body?: ArrayBuffer): void {
    this.#exchange(body).catch(() => this.#end());
  }

  async #exchange(body: ArrayBuffer | undefined): Promise<void> {
    const response = await fetch(this.#url, {
      method: this.#method,
      headers: this.#sent,
      ...(body && { body }),
    });
    const bytes = await response.arrayBuffer();
    this.#headers = response.headers;
    this.status = response.status;
    this.response = this.#read(bytes);
    this.#end();
  }

  #read(bytes: ArrayBuffer): unknown {
    // Of the realm of the test: the client looks at what kind of object it is.
    if (this.responseType === 'arraybuffer') return new Uint8Array(bytes).slice().buffer;
    const text = Buffer.from(bytes).toString('utf8');
    return this.responseType === 'json' && text !== '' ? (JSON.parse(text) as unknown) : text;
  }

  #end(): void {
    this.readyState = 4;
    this.onreadystatechange();
    this.onloadend();
  }
}
