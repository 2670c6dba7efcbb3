/** Why an operation cannot be applied, as the rest of a sentence; whoever runs the operations says which one it is. */
export class OperationFault extends Error {}
