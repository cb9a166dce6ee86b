import GRDB

/// The database's tables. A migration that was released is never changed; new ones are added below it.
enum SessionSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { db in
      try db.execute(
        sql: """
          CREATE TABLE session (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL, data TEXT NOT NULL, machine TEXT NOT NULL,
            modelName TEXT NOT NULL, dataName TEXT NOT NULL,
            created REAL NOT NULL, updated REAL NOT NULL,
            path TEXT NOT NULL, cursor INTEGER NOT NULL);
          CREATE INDEX sessionByModel ON session (model, data, updated);
          CREATE TABLE variant (
            session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
            id INTEGER NOT NULL,
            recipe TEXT NOT NULL, created REAL NOT NULL, mark TEXT,
            stage TEXT, bytes INTEGER, latencyNanoseconds REAL, accuracy REAL,
            measurement TEXT,
            PRIMARY KEY (session, id)) WITHOUT ROWID;
          CREATE TABLE measurement (
            model TEXT NOT NULL, data TEXT NOT NULL, machine TEXT NOT NULL, recipe TEXT NOT NULL,
            measurement TEXT NOT NULL, updated REAL NOT NULL,
            PRIMARY KEY (model, data, machine, recipe)) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("v2") { db in
      // What was measured was filed without the calibration data and the build, and never read.
      try db.execute(
        sql: """
          DROP TABLE measurement;
          CREATE TABLE measured (
            context TEXT NOT NULL, recipe TEXT NOT NULL, readings TEXT NOT NULL, date REAL NOT NULL,
            PRIMARY KEY (context, recipe)) WITHOUT ROWID;
          """)
    }
    return migrator
  }
}
