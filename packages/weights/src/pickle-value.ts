/** What a pickle may hold here: plain data, and the few objects that an allow-list makes. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleObject;

/** Something that an allow-list knows by name; `make` gives the value of calling it. */
export class PickleGlobal {
  /** Module and name with a dot between them, such as `collections.OrderedDict`. */
  readonly name: string;
  readonly make: (args: readonly PickleValue[]) => PickleValue;

  constructor(name: string, make: (args: readonly PickleValue[]) => PickleValue) {
    this.name = name;
    this.make = make;
  }
}

/** Base of every object that an allow-list makes. A plain one is inert: its state is read and forgotten. */
export class PickleObject {
  readonly made = true;

  /** Called when the pickle sets the state or an item of the object; an object that must not change throws. */
  change(): void {}
}
