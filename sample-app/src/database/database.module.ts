import { Global, Module } from '@nestjs/common';
import { Database } from './database.js';
import { Tables } from './tables.js';

/** Lets every feature ask for the {@link Database} and the {@link Tables}. Global modules are the last to be shut down. */
@Global()
@Module({ providers: [Database, Tables], exports: [Database, Tables] })
export class DatabaseModule {}
