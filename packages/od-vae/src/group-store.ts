/** Where finished groups of a long job are kept, so that a job that was ended can go on; groups are counted from 0. */
export interface GroupStore<Group> {
  has(index: number): boolean;
  /** A group that the store has. */
  read(index: number): Promise<Group>;
  write(index: number, group: Group): Promise<void>;
}
