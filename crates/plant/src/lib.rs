//! The plant model (system under consideration, assets, zones, conduits, evidence, findings) and its text form, Workspace/1.
