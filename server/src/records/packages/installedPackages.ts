import type { Settings } from '../../store/settings.ts';
import { packageText, type PackageId, type PackageWish } from './packageName.ts';

/** A package that is loaded, as it is remembered in the store. */
export interface InstalledPackage extends PackageId {
  /** Of the implementation guide. */
  guide?: string;
  /** `Type/id` of each resource that it has brought. */
  resources: string[];
  dependencies: PackageWish[];
}

const PREFIX = 'package ';

/** The packages of a store. */
export class InstalledPackages {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** By name and version. */
  async all(): Promise<InstalledPackage[]> {
    const found = await this.#settings.startingWith(PREFIX);
    return found.map(({ value }) => JSON.parse(value) as InstalledPackage);
  }

  async find(id: PackageId): Promise<InstalledPackage | undefined> {
    const value = await this.#settings.read(PREFIX + packageText(id));
    return value === undefined ? undefined : (JSON.parse(value) as InstalledPackage);
  }

  async write(one: InstalledPackage): Promise<void> {
    await this.#settings.write(PREFIX + packageText(one), JSON.stringify(one));
  }

  async remove(id: PackageId): Promise<void> {
    await this.#settings.remove(PREFIX + packageText(id));
  }
}
