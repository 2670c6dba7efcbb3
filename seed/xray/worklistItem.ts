/** What the worklist tells of an order. */
export interface WorklistItem {
  patientName: string;
  patientId: string;
  birthDate: string;
  sex: string;
  accessionNumber: string;
  studyInstanceUid: string;
  description: string;
  stepId: string;
}
