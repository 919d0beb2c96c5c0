export * from '../../../test/house/matrix-user.ts';
