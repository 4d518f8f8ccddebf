/** Bytes of a protobuf message, field by field; the few kinds of field that ONNX files of ours need. */
export class MessageWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number, or several one by one. */
  integer(field: number, ...values: readonly number[]): this {
    for (const value of values) this.#parts.push(varint(field * 8), varint(value));
    return this;
  }

  float(field: number, value: number): this {
    this.#parts.push(varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  /** Text, raw bytes, or a message inside this one. */
  bytes(field: number, ...values: readonly (string | Uint8Array | MessageWriter)[]): this {
    for (const value of values) {
      const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      const bytes = content instanceof MessageWriter ? content.finish() : content;
      this.#parts.push(varint(field * 8 + 2), varint(bytes.length), bytes);
    }
    return this;
  }

  finish(): Uint8Array {
    const result = new Uint8Array(this.#parts.reduce((size, part) => size + part.length, 0));
    let offset = 0;
    for (const part of this.#parts) {
      result.set(part, offset);
      offset += part.length;
    }
    return result;
  }
}

/** A whole number, not negative, in groups of seven bits, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
